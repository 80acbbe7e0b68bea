using System.Text.Json;
using System.Text.Json.Serialization;

namespace Interp.Host.Results;

/// <summary>Writes what the study published of a model; it is the core's, and never read back.</summary>
internal sealed class PublishedJson : JsonConverter<PublishedModel>
{
    public override PublishedModel Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        throw new NotSupportedException("What was published follows from the model's kind.");

    public override void Write(Utf8JsonWriter writer, PublishedModel value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        writer.WriteNumber("loss", value.Loss);
        writer.WriteBoolean("loss_is_approximate", value.LossIsApproximate);
        writer.WriteStartArray("ov_scores");
        foreach (var layer in value.OVScores)
        {
            Numbers(layer);
        }

        writer.WriteEndArray();
        writer.WritePropertyName("ov_sum_score");
        Number(value.OVSumScore?.Value);
        writer.WriteNumber("direct_path_score", value.DirectPathScore);
        writer.WriteStartArray("completions");
        foreach (var completion in value.Completions)
        {
            writer.WriteStartObject();
            writer.WriteString("prompt", completion.Prompt);
            writer.WriteString("completion", completion.Completion);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WritePropertyName("ablated_losses");
        if (value.AblatedLosses.IsEmpty)
        {
            writer.WriteNullValue();
        }
        else
        {
            Numbers(value.AblatedLosses);
        }

        writer.WritePropertyName("paths");
        Paths(value);
        writer.WritePropertyName("key_composition");
        if (value.KComposition?.Value is { } composition)
        {
            writer.WriteStartObject();
            writer.WriteNumber("through_previous_token_head", composition.ThroughPreviousTokenHead);
            writer.WriteNumber("others_least", composition.OthersLeast);
            writer.WriteNumber("others_most", composition.OthersMost);
            writer.WriteEndObject();
        }
        else
        {
            writer.WriteNullValue();
        }

        writer.WriteEndObject();

        void Numbers(IEnumerable<double> numbers)
        {
            writer.WriteStartArray();
            foreach (var number in numbers)
            {
                writer.WriteNumberValue(number);
            }

            writer.WriteEndArray();
        }

        void Number(double? number)
        {
            if (number is { } known)
            {
                writer.WriteNumberValue(known);
            }
            else
            {
                writer.WriteNullValue();
            }
        }

        void Paths(PublishedModel model)
        {
            if (PathLoss.Of(model) is not { } paths)
            {
                writer.WriteNullValue();
                return;
            }

            writer.WriteStartArray();
            foreach (var path in paths)
            {
                writer.WriteStartObject();
                writer.WriteString("name", path.Name);
                writer.WriteNumber("loss", path.Loss);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }
    }
}
