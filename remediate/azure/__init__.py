"""The only room that talks to Azure: session, reads, writes, failures and waiting."""
