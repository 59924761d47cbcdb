"""From a graph that another exporter wrote to a version folder."""
