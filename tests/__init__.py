"""What Wedge promises, told as short stories, values and golden bytes."""
