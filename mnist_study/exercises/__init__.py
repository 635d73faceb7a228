"""Exercises that answer: ``check("03-2", relu_backward)`` says "Right", or what to look at next.

An exercise is a solution, the inputs that it is tried on, and the mistakes that people make, each with what it has
overlooked. ``chapter_01.py`` to ``chapter_15.py`` hold those of the chapters; their texts are in the notebooks.
"""

from .judging import Exercise, Verdict, check, exercise, exercises, find_exercise, solution

__all__ = ["Exercise", "Verdict", "check", "exercise", "exercises", "find_exercise", "solution"]
