"""Tells two kinds of made sentences apart with a bag of embeddings, the way a fine-tuning script looks."""

import torch
from tiny_hf import Trainer, TrainingArguments
from torch import nn

VOCABULARY, LENGTH = 200, 24


class Classifier(nn.Module):
    def __init__(self, embedding_dim=32, dropout=0.1):
        super().__init__()
        self.embedding = nn.EmbeddingBag(VOCABULARY, embedding_dim)
        self.dropout = nn.Dropout(dropout)
        self.classifier = nn.Linear(embedding_dim, 2)

    def forward(self, tokens):
        return self.classifier(self.dropout(self.embedding(tokens)))


def sentences(n, generator):
    """Words of the second kind are drawn a little more often from the upper half of the vocabulary."""
    labels = torch.randint(0, 2, (n,), generator=generator)
    upper = torch.rand(n, LENGTH, generator=generator) < 0.38 + 0.24 * labels[:, None]
    words = torch.randint(0, VOCABULARY // 2, (n, LENGTH), generator=generator)
    return words + upper * (VOCABULARY // 2), labels


def main():
    generator = torch.Generator().manual_seed(7)
    train_dataset, eval_dataset = sentences(1600, generator), sentences(600, generator)
    args = TrainingArguments(
        output_dir="out",
        learning_rate=2e-3,
        per_device_train_batch_size=16,
        per_device_eval_batch_size=64,
        num_train_epochs=3,
        weight_decay=0.01,
        warmup_ratio=0.1,
        label_smoothing_factor=0.0,
        eval_strategy="epoch",
        logging_steps=20,
        seed=42,
    )
    trainer = Trainer(model=Classifier(), args=args, train_dataset=train_dataset, eval_dataset=eval_dataset)
    trainer.train()
    metrics = trainer.evaluate()
    print("***** eval metrics *****")
    for name, value in metrics.items():
        print(f"  {name:<24} = {value:>10}")


if __name__ == "__main__":
    main()
