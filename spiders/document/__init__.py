"""A page of any format as blocks: grids, lines, and objects, each with what stands around it."""
