#!/usr/bin/env python3
"""Publish the tables of a good build for readers: scripts/publish.py --help."""

from project import bootstrap

if __name__ == "__main__":
    bootstrap.start("command_publish")
