"""Test instruments for practice software: a pytest plugin and hypothesis strategies."""
