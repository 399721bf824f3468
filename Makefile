# Dynamic Hedging by Experiment.  What each task does is in tools/book.py, which also works without make.

PYTHON ?= python3
PORT   ?= 8000

.PHONY: help book html pdf epub lab copies test library elsewhere check assignments explorers clean requirements
.DEFAULT_GOAL := help

help:  # Say what can be made
	@$(PYTHON) tools/book.py --help

book:
	@$(PYTHON) tools/book.py book --port $(PORT)

html pdf epub lab copies test library elsewhere check assignments explorers clean requirements:
	@$(PYTHON) tools/book.py $@
