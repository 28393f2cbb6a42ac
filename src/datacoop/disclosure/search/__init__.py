"""Questions over views: lists, one record, facets, clusters, changes, exports. Same answers on both databases."""
