"""From records to what can be said of them: intervals, boards, observations. Nothing here fits or prints."""
