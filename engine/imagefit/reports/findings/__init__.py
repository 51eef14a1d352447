"""What was found, for those who read it elsewhere: code hosts, CI servers, a summary of a job."""
