// Prints the syntax errors of Java files: java ParseJava.java FILE…
import com.sun.source.util.JavacTask;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaFileObject;
import javax.tools.ToolProvider;

class ParseJava {
    public static void main(String[] files) throws Exception {
        var compiler = ToolProvider.getSystemJavaCompiler();
        var found = new DiagnosticCollector<JavaFileObject>();
        var manager = compiler.getStandardFileManager(found, null, null);
        var task = compiler.getTask(null, manager, found, null, null, manager.getJavaFileObjects(files));
        ((JavacTask) task).parse();
        found.getDiagnostics().forEach(System.out::println);
    }
}
