"""What the inner parts of the program need from the outside, as protocols, and the words both sides share."""
