"""Scripts for maintainers, not in the wheel: reference pages, sentences to translate, fonts, the test PKI."""
