module Interp.Properties.StudyTests

let private nothing = ()
