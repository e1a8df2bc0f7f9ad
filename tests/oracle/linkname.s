// The Go compiler lets functions without a body pass only beside an assembly file.
