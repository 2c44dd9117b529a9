// Filled as the folder grows.
