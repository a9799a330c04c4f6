"""Child processes of the daemon: started, watched, stopped, never left behind."""
