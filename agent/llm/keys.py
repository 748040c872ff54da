"""Keys of providers: which variable holds whose, which are there, and how to keep their values out of everything.

Keys come from the environment, or from the system's keyring where the package `keyring` is installed
(service "tunewright", the variable's name as user). Nothing here shows or stores a value.
"""

from __future__ import annotations

import importlib
import os
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec

from agent.redaction import learn, redact

__all__ = ["OWN_SERVER", "PROVIDERS", "VARIABLES", "Provider", "known", "provider_of", "redact", "value"]

SERVICE = "tunewright"
OWN_SERVER = "TUNEWRIGHT_API_KEY"  # for servers given by address, so that no provider's key is sent to them


@dataclass(frozen=True)
class Provider:
    """`prefix` as litellm's model names have it; any one of `variables` is enough; `model` is one to begin with,
    empty where names change too fast."""

    prefix: str
    title: str
    variables: tuple[str, ...]
    model: str


PROVIDERS = (
    Provider("openai", "OpenAI", ("OPENAI_API_KEY",), "openai/gpt-5.4-mini"),
    Provider("anthropic", "Anthropic", ("ANTHROPIC_API_KEY",), "anthropic/claude-sonnet-5-5"),
    Provider("gemini", "Google", ("GEMINI_API_KEY", "GOOGLE_API_KEY"), "gemini/gemini-3.8-flash"),
    Provider("mistral", "Mistral", ("MISTRAL_API_KEY",), "mistral/mistral-large-latest"),
    Provider("deepseek", "DeepSeek", ("DEEPSEEK_API_KEY",), "deepseek/deepseek-v4-flash"),
    Provider("groq", "Groq", ("GROQ_API_KEY",), "groq/openai/gpt-oss-120b"),
    Provider("xai", "xAI", ("XAI_API_KEY",), "xai/grok-4.3"),
    Provider("cohere_chat", "Cohere", ("COHERE_API_KEY", "CO_API_KEY"), "cohere_chat/command-a-03-2025"),
    Provider("openrouter", "OpenRouter", ("OPENROUTER_API_KEY",), ""),
    Provider("together_ai", "Together", ("TOGETHERAI_API_KEY", "TOGETHER_API_KEY"), "together_ai/openai/gpt-oss-120b"),
    Provider("fireworks_ai", "Fireworks", ("FIREWORKS_AI_API_KEY", "FIREWORKS_API_KEY"), ""),
    Provider("cerebras", "Cerebras", ("CEREBRAS_API_KEY",), "cerebras/gpt-oss-120b"),
    Provider("perplexity", "Perplexity", ("PERPLEXITYAI_API_KEY", "PERPLEXITY_API_KEY"), "perplexity/sonar-pro"),
    Provider("nvidia_nim", "NVIDIA", ("NVIDIA_NIM_API_KEY",), ""),
    Provider("moonshot", "Moonshot", ("MOONSHOT_API_KEY",), "moonshot/kimi-k2.6"),
    Provider("dashscope", "DashScope", ("DASHSCOPE_API_KEY",), "dashscope/qwen-plus"),
    Provider("huggingface", "Hugging Face", ("HF_TOKEN", "HUGGINGFACE_API_KEY"), ""),
    Provider("azure", "Azure OpenAI", ("AZURE_API_KEY",), ""),
    Provider("bedrock", "AWS Bedrock", ("AWS_ACCESS_KEY_ID", "AWS_BEARER_TOKEN_BEDROCK"), ""),
)
VARIABLES = (*(name for provider in PROVIDERS for name in provider.variables), OWN_SERVER)


def known() -> list[tuple[str, Provider]]:
    """The variables that hold a key, each with its provider; never what they hold."""
    return [(name, provider) for provider in PROVIDERS for name in provider.variables if value(name)]


def provider_of(prefix: str) -> Provider | None:
    """By litellm's name for it."""
    return next((provider for provider in PROVIDERS if provider.prefix == prefix), None)


def value(name: str) -> str:
    """What the variable `name` holds, here or in the keyring; empty when neither has it. For the call itself only."""
    return os.environ.get(name, "").strip() or _from_keyring(name)


@cache
def _from_keyring(name: str) -> str:
    if find_spec("keyring") is None:
        return ""
    keyring = importlib.import_module("keyring")
    errors = importlib.import_module("keyring.errors")
    try:
        found = keyring.get_password(SERVICE, name) or ""
    except errors.KeyringError:  # locked, or none on this machine
        return ""
    learn(found)
    return str(found)
