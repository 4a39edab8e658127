"""The only package that talks to Azure: session, reads, writes, failures and waiting."""
