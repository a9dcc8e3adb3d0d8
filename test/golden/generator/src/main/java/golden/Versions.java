package golden;

/** {@code 3+}, {@code 0-12}, {@code 5} or {@code none}. */
record Versions(int min, int max) {
    static Versions parse(String text) {
        if (text.equals("none")) return new Versions(0, -1);
        if (text.endsWith("+")) {
            return new Versions(Integer.parseInt(text.substring(0, text.length() - 1)), Short.MAX_VALUE);
        }
        String[] ends = text.split("-");
        return new Versions(Integer.parseInt(ends[0]), Integer.parseInt(ends[ends.length - 1]));
    }

    boolean has(int version) {
        return version >= min && version <= max;
    }
}
