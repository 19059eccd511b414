"""`python -m backoffice.store --url postgresql://…` brings the tables of a store to their newest form."""

import argparse

from backoffice.store.engine import open_engine, upgrade


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m backoffice.store", description=__doc__)
    parser.add_argument("--url", required=True, help="sqlite:///var/backoffice.db or postgresql://user@host/name")
    upgrade(open_engine(parser.parse_args().url))


if __name__ == "__main__":
    main()
