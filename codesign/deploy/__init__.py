"""From a build to a board: the package that a driver loads, how it gets there, and the model beside it on the host."""
