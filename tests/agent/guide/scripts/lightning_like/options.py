"""The command line, apart from the training."""

from argparse import ArgumentDefaultsHelpFormatter, ArgumentParser


def add_model_args(parent):
    parser = ArgumentParser(parents=[parent], add_help=False, formatter_class=ArgumentDefaultsHelpFormatter)
    parser.add_argument("--hidden_dim", type=int, default=64)
    parser.add_argument("--num_layers", type=int, default=2)
    parser.add_argument("--activation", type=str, default="relu", choices=("relu", "gelu", "tanh"))
    parser.add_argument("--dropout_rate", type=float, default=0.1)
    parser.add_argument("--learning_rate", type=float, default=2e-3)
    parser.add_argument("--weight_decay", type=float, default=0.0)
    parser.add_argument("--lr_scheduler", choices=["none", "cosine", "step"], default="none")
    return parser


def parse_args(argv=None):
    parser = ArgumentParser(add_help=False)
    parser.add_argument("--max_epochs", type=int, default=10)
    parser.add_argument("--batch_size", type=int, default=32)
    parser.add_argument("--gradient_clip_val", type=float, default=1.0)
    parser.add_argument("--accumulate_grad_batches", type=int, default=1)
    parser.add_argument("--accelerator", default="auto")
    parser.add_argument("--default_root_dir", default="lightning_logs")
    parser = add_model_args(parser)
    parser.set_defaults(learning_rate=1e-3)
    return parser.parse_args(argv)
