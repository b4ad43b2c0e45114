"""What a run comes to: its cells, what each may take, how long each should take, and which are done already."""
