"""The front without a screen: text, JSON documents, lines of news, the headless loop."""
