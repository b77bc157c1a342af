"""The ways into the reader: each link turns bytes of its own kind into commands at a LinkPort."""
