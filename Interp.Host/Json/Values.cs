using System.Text.Json.Nodes;
using Interp.Runs.Wording;

namespace Interp.Host.Json;

/// <summary>Numbers, tensors and addresses as JSON. A number that is not finite stays what it is: <see cref="JsonText"/> makes it null and says so.</summary>
internal static class Values
{
    /// <summary>A number to its last bit.</summary>
    public static JsonNode Number(double value) => JsonValue.Create(value);

    /// <summary>The same where there may be none; null then.</summary>
    public static JsonNode? Number(double? value) => value is { } number ? Number(number) : null;

    /// <summary>A list.</summary>
    public static JsonArray List<T>(IEnumerable<T> items, Func<T, JsonNode?> write) => new([.. items.Select(write)]);

    /// <summary>Numbers in their order.</summary>
    public static JsonArray Numbers(IEnumerable<double> values) => List(values, Number);

    /// <summary>The same in single precision.</summary>
    public static JsonArray Floats(IEnumerable<float> values) => List(values, value => JsonValue.Create(value));

    /// <summary>Texts in their order.</summary>
    public static JsonArray Texts(IEnumerable<string> values) => List(values, value => JsonValue.Create(value));

    /// <summary>The files of the pictures that were drawn; nothing where none were asked for.</summary>
    public static JsonObject Pictures(IReadOnlyList<string>? files) => files is null ? [] : new() { ["pictures"] = Texts(files) };

    /// <summary>A tensor as nested lists, outermost axis first.</summary>
    public static JsonArray Nested(Tensor tensor) => Nested([.. tensor.Shape], tensor.ToArray());

    /// <summary>A head by its layer and number.</summary>
    public static JsonObject Head(HeadAddress head) => new() { ["layer"] = head.Layer, ["head"] = head.Head };

    /// <summary>Which sequences something was measured on.</summary>
    public static JsonObject On(Reference reference) => new() { ["sequences"] = reference.Sequences, ["seed"] = reference.Seed };

    /// <summary>Adds the fields of another object behind an object's own.</summary>
    public static JsonObject With(this JsonObject json, JsonObject more)
    {
        foreach (var (name, value) in more.ToArray())
        {
            more.Remove(name);
            json.Add(name, value);
        }

        return json;
    }

    /// <summary>Adds a field where there is something to say.</summary>
    public static JsonObject With(this JsonObject json, string name, JsonNode? value)
    {
        if (value is not null)
        {
            json.Add(name, value);
        }

        return json;
    }

    private static JsonArray Nested(ReadOnlySpan<int> shape, ReadOnlySpan<float> data)
    {
        var list = new JsonArray();
        if (shape.Length == 1)
        {
            return Floats(data.ToArray());
        }

        var size = shape[0] == 0 ? 0 : data.Length / shape[0];
        for (var index = 0; index < shape[0]; index++)
        {
            list.Add(Nested(shape[1..], data.Slice(index * size, size)));
        }

        return list;
    }
}
