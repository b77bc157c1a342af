"""A small library of odd cards, each declared once in `library`, by name, and issued beside ordinary ones.

An odd card is an ordinary one with one thing wrong: with its people, its terms, or its text. Project-defined.
"""
