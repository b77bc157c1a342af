"""Running readers that others can follow: how they announce themselves, and how they are found."""
