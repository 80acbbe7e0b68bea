using System.Text.Json;
using System.Text.Json.Serialization;
using Interp.Host.Files;

namespace Interp.Host.Results;

/// <summary>results.json: the records as they are, in snake_case.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(Reproduction))]
[JsonSerializable(typeof(ModelResults))]
[JsonSerializable(typeof(CircuitResults))]
[JsonSerializable(typeof(EvaluationResults))]
internal sealed partial class ResultsJson : JsonSerializerContext;

/// <summary>Writes a complex number as [real, imaginary].</summary>
internal sealed class ComplexNumberConverter : JsonConverter<ComplexNumber>
{
    public override ComplexNumber Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            throw new JsonException("Expected a complex number as [real, imaginary].");
        }

        reader.Read();
        var real = reader.GetDouble();
        reader.Read();
        var imaginary = reader.GetDouble();
        reader.Read();
        return reader.TokenType == JsonTokenType.EndArray
            ? new ComplexNumber(real, imaginary)
            : throw new JsonException("Expected a complex number as [real, imaginary].");
    }

    public override void Write(Utf8JsonWriter writer, ComplexNumber value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStartArray();
        writer.WriteNumberValue(value.Real);
        writer.WriteNumberValue(value.Imaginary);
        writer.WriteEndArray();
    }
}

/// <summary>Writes a configuration field by field.</summary>
internal sealed class ConfigurationConverter : JsonConverter<Configuration>
{
    public override Configuration Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using var json = JsonDocument.ParseValue(ref reader);
        return ConfigurationFile.Parse("configuration", System.Text.Encoding.UTF8.GetBytes(json.RootElement.GetRawText()));
    }

    public override void Write(Utf8JsonWriter writer, Configuration value, JsonSerializerOptions options) => ConfigurationFile.Write(writer, value);
}
