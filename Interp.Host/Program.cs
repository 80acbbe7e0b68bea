using Interp.Host;

switch (CommandLine.parse(args))
{
    case Parsed.Help help:
        Console.WriteLine(help.text);
        return 0;
    case Parsed.Bad bad:
        Console.Error.WriteLine($"interp: {bad.message}");
        return 2;
    default:
        return 1;
}
