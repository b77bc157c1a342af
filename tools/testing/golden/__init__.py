"""Golden screens: what a flow is to show, compared with what it shows now."""
