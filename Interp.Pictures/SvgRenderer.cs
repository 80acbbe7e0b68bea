using System.Globalization;
using System.Text;
using System.Xml;

namespace Interp.Pictures;

/// <summary>A picture as SVG: text stays text, and there are no ids that another picture on a page could have too.</summary>
internal static class SvgRenderer
{
    private const string Namespace = "http://www.w3.org/2000/svg";

    /// <summary>What colours of the palette are on a page: classes of this beginning, which <see cref="FigureStyle"/> gives their looks.</summary>
    internal const string ClassPrefix = "p-";

    /// <summary>A file of its own: colours on white paper, with its title and description inside.</summary>
    public static byte[] File(Scene scene, string alt)
    {
        using var bytes = new MemoryStream();
        var settings = new XmlWriterSettings { Encoding = new UTF8Encoding(false), NewLineChars = "\n" };
        using (var xml = XmlWriter.Create(bytes, settings))
        {
            xml.WriteStartElement("svg", Namespace);
            Size(xml, scene);
            xml.WriteAttributeString("role", "img");
            xml.WriteAttributeString("font-family", FigureFont.Families);
            xml.WriteElementString("title", Namespace, scene.Plot.Title);
            xml.WriteElementString("desc", Namespace, Quote.shown(alt));
            new SvgWriter(xml, Namespace, onPage: false).Write(
                [new Shape(new Outline().Rectangle(0, 0, scene.Width, scene.Height).ToString(), Palette.Paper, null, 0, LinePattern.Solid, false), .. scene.Items], scene.Area);
            xml.WriteEndElement();
        }

        return bytes.ToArray();
    }

    /// <summary>An element of a page, which has the page's colours and font, and says what stands under a pointer (figures.js).</summary>
    public static string Element(Scene scene, string name, string alt)
    {
        var text = new StringBuilder();
        var settings = new XmlWriterSettings { OmitXmlDeclaration = true, NewLineChars = "\n" };
        using (var xml = XmlWriter.Create(text, settings))
        {
            xml.WriteStartElement("svg");
            xml.WriteAttributeString("class", "figure");
            Size(xml, scene);
            xml.WriteAttributeString("role", "img");
            xml.WriteAttributeString("aria-label", Quote.shown(alt));
            xml.WriteAttributeString("data-name", Quote.shown(name));
            xml.WriteAttributeString("data-says", SpokenFigure.Json(scene));
            new SvgWriter(xml, string.Empty, onPage: true).Write(scene.Items, scene.Area);
            xml.WriteEndElement();
        }

        return text.ToString();
    }

    private static void Size(XmlWriter xml, Scene scene)
    {
        var (width, height) = (scene.Width.ToString(CultureInfo.InvariantCulture), scene.Height.ToString(CultureInfo.InvariantCulture));
        xml.WriteAttributeString("viewBox", $"0 0 {width} {height}");
        xml.WriteAttributeString("width", width);
        xml.WriteAttributeString("height", height);
    }
}
