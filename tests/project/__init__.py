"""The project as a whole: its order, its clock, its wheel, its supply."""
