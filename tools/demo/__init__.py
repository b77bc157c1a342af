"""The round that `tla demo` plays, and the park of readers that `tla check --made-up` judges."""
