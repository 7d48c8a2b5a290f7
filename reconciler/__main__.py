"""``python -m reconciler``: the same as the installed command."""

if __name__ == "__main__":  # a process beside us imports this as well, and needs no command
    from reconciler.cli.main import main

    main()
