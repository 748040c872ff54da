"""How things look: roles and their colours, themes, marks of states, what the terminal can show."""
