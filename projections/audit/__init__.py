"""Who changed what and when, and who signed in from where: what an auditor asks first."""
