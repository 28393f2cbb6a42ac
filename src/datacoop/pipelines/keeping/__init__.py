"""Backups: one encrypted file made while everything runs, and its restore, which withdraws again what was withdrawn."""
