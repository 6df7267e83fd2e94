"""The handlers, one module per LSP feature.

A handler is glue: it takes a snapshot, asks a pure function, converts the answer. None is longer than 15 lines (a test
counts), and what it decides is only how something is shown.
"""
