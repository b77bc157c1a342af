"""Tests of the serving loop."""
