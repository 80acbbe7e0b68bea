using Interp.Host;

return Start.Run(args);
