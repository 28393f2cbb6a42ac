"""`python -m datacoop` is the command `datacoop`; nothing else may stand here."""

from datacoop.cli.main import main

if __name__ == "__main__":
    main()
