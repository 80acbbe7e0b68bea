module Interp.Properties.SlurmTests

let private nothing = ()
