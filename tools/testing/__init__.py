"""For tests of practice software: the pytest plugin and hypothesis strategies."""
