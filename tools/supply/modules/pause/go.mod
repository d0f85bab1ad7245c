module kjerne/supply/pause

go 1.25
