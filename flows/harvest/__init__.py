"""Where looks come from: saved captures, web archives, package releases, git history."""
