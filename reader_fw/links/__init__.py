"""The links into the reader: each turns the bytes of its protocol into commands at a LinkPort."""
