"""Assignments for the book, and what marks them.  Start with `python -m coursework --help`."""

from coursework.assignment import Assignment, Check, Question, Trial, Written, load

__all__ = ["Assignment", "Check", "Question", "Trial", "Written", "load"]
