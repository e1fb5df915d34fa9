"""Where network addresses are, told by tables on this machine: nobody is asked."""
