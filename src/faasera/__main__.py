"""``python -m faasera``: the command line."""

from faasera.frontends.cli import main

main()
