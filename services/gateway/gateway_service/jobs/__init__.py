"""Long work: claimed by any replica, one job of a workspace at a time, gone on with by another when one dies."""
