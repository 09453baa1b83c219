import argparse


def add_options(parser: argparse.ArgumentParser) -> None: ...


def prove(arguments: argparse.Namespace) -> int:
    return 0
